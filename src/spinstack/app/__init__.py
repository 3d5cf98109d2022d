"""The page on which a film lies under one's hands: ``spinstack app``. It draws and asks; the study engine computes.

======================  =============================================================================================
``scene``               a sample file as text, and edits of it in place
``session``             states one after the other, undo, what is kept on disk
``describe``            a film as rows of fields with units and ranges, from the declarations of its parameters
``computing``           requests of the file and other panels: computed newest first, quick ones at every movement
``frames``              labelled numbers as one message
``measured``, ``fits``  files that are dropped on the page, and fits of them
``export``              figures, tables and a script of what is on the screen
``commands``            what the page may ask for
``guard``, ``server``   who may talk to it, and how
``page/``               what the browser shows: HTML, style sheet, modules without a build step
======================  =============================================================================================
"""
