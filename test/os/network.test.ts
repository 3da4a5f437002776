import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createAnnouncer } from '../../src/os/announcer.ts';
import { ARP_FRAME_BYTES, arpFrame } from '../../src/os/arp.ts';
import { broadcastAddress, ethernetPort, hasInterface, interfaceIndex } from '../../src/os/interfaces.ts';
import { ipv4Bytes } from '../../src/os/ipv4.ts';

function namespace(): { words: string[] } | { reason: string } {
  for (const words of [
    ['unshare', '--net'],
    ['unshare', '--user', '--map-root-user', '--net'],
  ]) {
    try {
      execFileSync(words[0] ?? '', [...words.slice(1), 'ip', 'link', 'add', 'a0', 'type', 'veth', 'peer', 'name', 'b0'], {
        stdio: 'ignore',
      });
      return { words };
    } catch {
      // the next way
    }
  }
  return { reason: 'no network namespace with a veth pair can be made here' };
}

describe('gratuitous ARP (agents 3)', () => {
  const mac = Uint8Array.of(0x02, 0, 0, 0xaa, 0xbb, 0xcc);
  const address = Uint8Array.of(10, 77, 0, 100);
  const rows = {
    request: 'ffffffffffff 020000aabbcc 0806 0001 0800 06 04 0001 020000aabbcc 0a4d0064 000000000000 0a4d0064',
    reply: 'ffffffffffff 020000aabbcc 0806 0001 0800 06 04 0002 020000aabbcc 0a4d0064 020000aabbcc 0a4d0064',
  } as const;
  for (const operation of ['request', 'reply'] as const) {
    it(`${operation}, byte for byte`, () => {
      const frame = arpFrame(operation, mac, address);
      assert.equal(Buffer.from(frame).toString('hex'), rows[operation].replaceAll(' ', ''));
      assert.equal(frame.length, ARP_FRAME_BYTES);
    });
  }

  const way = namespace();
  it('reaches the wire before the call has returned', { skip: 'reason' in way ? way.reason : false }, async (test) => {
    assert.ok('words' in way);
    const [program = '', ...words] = [
      ...way.words,
      process.execPath,
      '--import',
      'tsx',
      fileURLToPath(new URL('arp-child.ts', import.meta.url)),
    ];
    const output = await new Promise<string>((resolve, reject) => {
      execFile(program, words, { timeout: 30_000, killSignal: 'SIGKILL' }, (error, stdout, stderr) =>
        error === null ? resolve(stdout) : reject(new Error(`${stdout}${stderr}`)),
      );
    });
    assert.match(output, /done/);
    test.diagnostic(output.trim());
  });

  it('is quiet about what is not an address of ours', () => {
    const announcer = createAnnouncer({ failed: (address, fault) => assert.fail(`${address}: ${fault.detail}`) });
    announcer.announce('192.0.2.1');
    announcer.announce('not an address');
    announcer.close();
  });
});

describe('interfaces', () => {
  it('know loopback', () => {
    assert.equal(hasInterface('lo'), true);
    assert.equal(interfaceIndex('lo'), 1);
    assert.equal(broadcastAddress('lo'), '127.255.255.255');
    assert.equal(ethernetPort('lo'), undefined);
  });
  for (const name of ['nosuch0', '', 'x'.repeat(16), 'x'.repeat(100_000), 'lo\0', 'lo:9']) {
    it(`know no \`${name.slice(0, 20).replace('\0', '\\0')}\``, () => {
      assert.equal(hasInterface(name), false);
      const answer = broadcastAddress(name);
      assert.ok(typeof answer !== 'string' && answer.code === 'ENODEV');
    });
  }
});

describe('addresses', () => {
  it('are four numbers or nothing', () => {
    assert.deepEqual(ipv4Bytes('10.0.0.255'), Uint8Array.of(10, 0, 0, 255));
    for (const text of ['10.0.0.256', '10.0.0', '', 'a.b.c.d', '::1', '1.2.3.4 ']) assert.equal(ipv4Bytes(text), undefined);
  });
});
