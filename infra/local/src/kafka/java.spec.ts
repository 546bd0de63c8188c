import { findJava, javaMajor, MissingTool, assertMaven } from './java';

describe('the check for Java and Maven', () => {
  it.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['java version "1.8.0_292"', 8],
    ['openjdk version "25-ea" 2025-09-16', 25],
    ['something else', undefined],
  ])('reads %s', (text, major) => {
    expect(javaMajor(text)).toBe(major);
  });

  it('says what is missing and what to do when the PATH has neither', async () => {
    const env = { PATH: '/nowhere' };
    await expect(findJava(env)).rejects.toThrow(MissingTool);
    await expect(findJava(env)).rejects.toThrow(/needs Java 17 or newer.*no java on the PATH/);
    await expect(assertMaven(env)).rejects.toThrow(/no mvn on the PATH/);
  });

  it('says where it looked when JAVA_HOME is wrong', async () => {
    await expect(findJava({ JAVA_HOME: '/nowhere' })).rejects.toThrow('at JAVA_HOME=/nowhere');
  });
});
