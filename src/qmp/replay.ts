import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Answer, ExchangeSession, Question } from './capabilities/exchange.ts';
import { answered, isObject } from './capabilities/read.ts';
import { encodeMessage, MessageDecoder, parseMessage } from './framing.ts';

/** A server that plays a recorded QEMU. */
export interface ReplayServer {
  /** What was asked that the recording does not answer; such a command is refused with `CommandNotFound`. */
  readonly unknown: readonly Question[];
  /** Sends an event to all who are connected. */
  emit(event: string, data?: Readonly<Record<string, unknown>>): void;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
}

/**
 * Serves one recorded conversation on a unix socket: the same command with the same arguments gets the same answer, in any
 * order; one that was recorded several times gets its answers in turn and then the last again. For tests and demonstrations.
 */
export async function serveTranscript(path: string, session: ExchangeSession): Promise<ReplayServer> {
  const unknown: Question[] = [];
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    // A client that goes away in the middle is none of the server's trouble.
    socket.on('error', () => {});
    serve(socket, session, unknown);
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    unknown,
    emit(event, data = {}) {
      const timestamp = { seconds: 0, microseconds: 0 };
      for (const socket of connections) socket.write(encodeMessage({ event, data, timestamp }));
    },
    close: () => closeAll(server, connections),
  };
}

async function closeAll(server: Server, connections: ReadonlySet<Socket>): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  for (const socket of connections) socket.destroy();
  await closed;
}

function serve(socket: Socket, session: ExchangeSession, unknown: Question[]): void {
  const [version] = answered(session, 'query-version');
  socket.write(encodeMessage({ QMP: { version: version?.value ?? {}, capabilities: [] } }));
  const decoder = new MessageDecoder();
  const asked = new Map<string, number>();
  socket.on('data', (chunk: Uint8Array) => {
    try {
      for (const line of decoder.push(chunk)) reply(socket, session, unknown, asked, parseMessage(line));
    } catch (error) {
      socket.destroy(error instanceof Error ? error : undefined);
    }
  });
}

function reply(
  socket: Socket,
  session: ExchangeSession,
  unknown: Question[],
  asked: Map<string, number>,
  command: unknown,
): void {
  if (!isObject(command) || typeof command.execute !== 'string') return;
  const question: Question = {
    execute: command.execute,
    ...(isObject(command.arguments) ? { arguments: command.arguments } : {}),
  };
  const answer = find(session, question, asked);
  if (answer === undefined) unknown.push(question);
  const id = command.id === undefined ? {} : { id: command.id };
  socket.write(encodeMessage({ ...(answer ?? notFound(question)), ...id }));
}

function find(session: ExchangeSession, question: Question, asked: Map<string, number>): Answer | undefined {
  if (question.execute === 'qmp_capabilities') return { return: {} };
  const key = canonical(question);
  const answers = session
    .filter((exchange) => canonical(exchange.question) === key)
    .map((exchange) => exchange.answer);
  const turn = asked.get(key) ?? 0;
  asked.set(key, turn + 1);
  return answers[Math.min(turn, answers.length - 1)];
}

function notFound(question: Question): Answer {
  const desc = `The recording has no answer to '${question.execute}' with these arguments`;
  return { error: { class: 'CommandNotFound', desc } };
}

/** The same text for the same question whatever the order of its keys. */
function canonical(question: Question): string {
  return JSON.stringify([question.execute, question.arguments ?? {}], (_, value: unknown) =>
    isObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value,
  );
}
