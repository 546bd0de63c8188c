import { expandPsql } from './sql';

describe('init.sql without psql', () => {
  const env = { SECRET: "it's" };

  it('takes a variable from the environment and quotes it', () => {
    const text = "\\getenv word SECRET\nSELECT :'word', 'a:b'::text;";
    expect(expandPsql(text, env)).toBe("\nSELECT 'it''s', 'a:b'::text;");
  });

  it('names a variable that is not given, and one that was never read', () => {
    expect(() => expandPsql('\\getenv word OTHER', env)).toThrow('wants OTHER');
    expect(() => expandPsql("SELECT :'word'", env)).toThrow(":'word'");
  });
});
