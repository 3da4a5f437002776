// A page that says who serves it:  node scripts/lib/demo/page.mjs PIDFILE NAME PORT [ADDRESS]
// The pid file appears when the page can be asked for.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [pidFile, name, port, address] = process.argv.slice(2);
const server = createServer((_request, response) => {
  response.setHeader('connection', 'close');
  response.end(`served by ${name}\n`);
});
server.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
server.listen(Number(port), address ?? '0.0.0.0', () => writeFileSync(pidFile, `${process.pid}\n`));
process.on('SIGTERM', () => process.exit(0));
