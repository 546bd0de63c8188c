import { nothingReached, type Reached } from './reached';
import { runOf, simulate } from './simulation';
const SEEDS = Number(process.env.SEEDS ?? 40);
const STEPS = Number(process.env.STEPS ?? 3000);
it('is never over', () => {
  const sum = nothingReached();
  const t = Date.now();
  let steps = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { wrong, reached, steps: n } = simulate(runOf(seed, STEPS));
    steps += n;
    if (wrong) throw new Error(`seed ${seed} step ${n}: ${wrong}`);
    for (const what of Object.keys(sum) as Reached[]) sum[what] += reached[what];
  }
  console.log(steps / (Date.now() - t), 'steps/ms', sum);
});
