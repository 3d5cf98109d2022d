// One socket to the server: messages up as JSON, down as a head in JSON and float64 arrays.

import { keep, recall } from "./kept.js";

const WAIT = [300, 700, 1500, 3000];

export class Socket {
  constructor(token, heard, said) {
    Object.assign(this, { token, heard, said, waiting: new Map(), next: 1, tries: 0, open: false });
    this.connect();
  }

  connect() {
    const home = location.href.split("#")[0].replace(/^http/, "ws").replace(/[^/]*$/, "");
    this.socket = new WebSocket(`${home}socket`, ["spinstack", `token.${this.token}`]);
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = async () => {
      this.open = true;
      this.tries = 0;
      const found = await this.ask("hello", { session: recall("spinstack") ?? "" });
      keep("spinstack", found.session);
      this.said("open", found);
    };
    this.socket.onmessage = (message) => this.take(message.data);
    this.socket.onclose = () => {
      this.open = false;
      for (const { refuse } of this.waiting.values()) refuse({ message: "the connection was lost" });
      this.waiting.clear();
      this.said("closed");
      setTimeout(() => this.connect(), WAIT[Math.min(this.tries++, WAIT.length - 1)]);
    };
  }

  take(data) {
    const view = new DataView(data);
    const length = view.getUint32(0, true);
    const head = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
    const arrays = {};
    for (const [name, [start, size]] of Object.entries(head.arrays)) {
      arrays[name] = new Float64Array(data, 4 + length + 8 * start, size);
    }
    if (head.do === "done" || head.do === "refused") {
      const waiting = this.waiting.get(head.id);
      this.waiting.delete(head.id);
      if (waiting) head.do === "done" ? waiting.done(head.found) : waiting.refuse(head.problem);
      return;
    }
    this.heard(head, arrays);
  }

  // a promise of the answer; a refusal rejects with what is wrong
  ask(name, values = {}, body = null) {
    if (this.socket.readyState !== WebSocket.OPEN) return Promise.reject({ message: "not connected" });
    const id = this.next++;
    const text = JSON.stringify({ ...values, do: name, id });
    if (body) {
      let head = new TextEncoder().encode(text);
      const padded = new Uint8Array(head.length + ((8 - ((head.length + 4) % 8)) % 8)).fill(32);
      padded.set(head);
      const message = new Uint8Array(4 + padded.length + body.byteLength);
      new DataView(message.buffer).setUint32(0, padded.length, true);
      message.set(padded, 4);
      message.set(new Uint8Array(body), 4 + padded.length);
      this.socket.send(message);
    } else {
      this.socket.send(text);
    }
    return new Promise((done, refuse) => this.waiting.set(id, { done, refuse }));
  }
}
