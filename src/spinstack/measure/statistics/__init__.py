"""Statistics of measured data: noise, weights, least squares, what errors cover, resampling. Knows no measurement.

`linear` and `nonlinear` find values, `estimate` gives them covariance, chi-square and probability, `noise` and
`autoregressive` say how noisy a record is and what memory of the noise does to errors, `coverage` how far an interval
reaches, `residuals` what a fit has missed, `resampling` draws what chance could have measured instead.
"""
