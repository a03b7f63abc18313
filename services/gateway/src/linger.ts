import type { IncomingMessage, Server } from "node:http";
import { Socket } from "node:net";

/** As long as a client is let send on after its answer: nginx's `lingering_timeout`. */
const lingerMs = 5_000;

/**
 * Lets a client that was answered before its whole body had come, as one is that is too large, read the answer. To close the
 * connection at once would reset it, since there is more to be read on it, and with that the client's system throws away what it
 * has received (RFC 9112, 9.6). So only our end is closed; what still comes is read and dropped until the client closes its own.
 */
export function lingerAfterAnswers(server: Server): void {
  server.on("request", (request: IncomingMessage) => {
    const { socket } = request;
    // Node calls this when the last answer on a connection has been written.
    socket.destroySoon = () => {
      if (request.complete || !socket.writable) return Socket.prototype.destroySoon.call(socket);
      const patience = setTimeout(() => socket.destroy(), lingerMs);
      socket.once("close", () => clearTimeout(patience)).end();
    };
  });
}
