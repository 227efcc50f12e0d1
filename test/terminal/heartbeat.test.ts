import { type HeartbeatOptions, startHeartbeat } from '../../terminal/heartbeat';

beforeEach(() => void jest.useFakeTimers({ now: 0 }));
afterEach(() => void jest.useRealTimers());

function start(options: HeartbeatOptions = {}) {
  const said: string[] = [];
  const heartbeat = startHeartbeat((line) => said.push(line), options);
  const tell = (step: 'started' | 'found' | 'moved' | 'ended', bytes = 0) =>
    heartbeat.observer.copy?.({ source: 's', destination: 'd', tags: ['1'], step, bytes });
  return { heartbeat, said, tell };
}

describe('a heartbeat', () => {
  it('is a line after thirty seconds of silence, and after thirty more', () => {
    const { heartbeat, said, tell } = start();
    heartbeat.expect(1);
    tell('found', 100_000_000);
    for (let second = 0; second < 65; second += 1) {
      tell('moved', 1_000_000);
      jest.advanceTimersByTime(1000);
    }
    expect(said).toEqual([
      expect.stringMatching(/^0 of 1 copy, 30\.0 MB of 100 MB, \S+ (k|M)B\/s, 1 min( 10 s)? left$/),
      expect.stringMatching(/^0 of 1 copy, 60\.0 MB of 100 MB, \S+ (k|M)B\/s, \d+ s left$/),
    ]);
  });

  it('keeps silent as long as something else is said', () => {
    const { heartbeat, said, tell } = start();
    const written: string[] = [];
    const terminal = { write: (text: string) => written.push(text), isTTY: true, columns: 70 };
    const output = heartbeat.hear(terminal);
    expect([output.isTTY, output.columns]).toEqual([true, 70]);
    terminal.columns = 100;
    expect(output.columns).toBe(100);
    tell('started');
    for (let second = 0; second < 100; second += 20) {
      jest.advanceTimersByTime(20_000);
      output.write('copied something\n');
    }
    expect(said).toEqual([]);
    expect(written).toHaveLength(5);
  });

  it('tells that registries are looked at, and nothing while nothing is under way', () => {
    const { heartbeat, said } = start();
    jest.advanceTimersByTime(100_000);
    expect(said).toEqual([]);
    heartbeat.observer.request?.({ registry: 'r', method: 'HEAD', kind: 'manifest', status: 200, milliseconds: 1 });
    jest.advanceTimersByTime(31_000);
    expect(said).toEqual(['looking at registries, 1 request']);
    heartbeat.rest();
    expect(jest.getTimerCount()).toBe(0);
  });
});
