import { EXIT_STATUS } from '../errors/index.ts';
import { main } from './main.ts';
import { isWritten, outFailed, writeErr } from './streams.ts';

main(process.argv.slice(2)).then(end, (error: Error) => {
  // Nothing should get here; a stack trace helps nobody who did not ask for it.
  writeErr(`qdom: internal error: ${error.message}\n`);
  if (process.env.QDOM_DEBUG) writeErr(`${error.stack}\n`);
  end(EXIT_STATUS.internal);
});

/** A process that ends by itself first takes down its heap, object by object. */
function end(status: number): void {
  process.on('exit', () => {
    process.exitCode = outFailed() ? EXIT_STATUS.failed : status;
  });
  if (isWritten()) process.exit();
}
