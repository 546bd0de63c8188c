import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Trap } from './trap';

it('counts a death once its line is written whole', () => {
  const directory = mkdtempSync(join(tmpdir(), 'trap-'));
  try {
    const file = join(directory, 'trap');
    const trap = new Trap(file);
    trap.set(['a.after-one']);
    const seen = ['', 'a.after', '-one\n', 'a.af', 'ter-two\n'].map((written) => {
      appendFileSync(`${file}.deaths`, written);
      return trap.deaths();
    });
    const one = ['a.after-one'];
    expect(seen).toEqual([[], [], one, one, [...one, 'a.after-two']]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
