// What the tests use of Node.js: all of its types would not go with the browser's.

declare module "node:test" {
  interface Mock {
    method(object: object, name: string, replacement: (...given: any[]) => unknown): void;
  }
  export const mock: Mock;
  export function beforeEach(job: () => unknown): void;
  export function test(name: string, job: () => unknown): void;
  export default test;
}

declare module "node:assert/strict" {
  interface Assert {
    ok(value: unknown, message?: string): asserts value;
    equal(actual: unknown, expected: unknown, message?: string): void;
    deepEqual(actual: unknown, expected: unknown, message?: string): void;
    match(text: string, pattern: RegExp, message?: string): void;
    rejects(job: Promise<unknown>, error?: RegExp, message?: string): Promise<void>;
  }
  const assert: Assert;
  export default assert;
}

declare module "node:fs" {
  export function readdirSync(folder: URL, how: { recursive: boolean }): (string | Uint8Array)[];
  export function readFileSync(file: URL, encoding: "utf8"): string;
}

declare function setImmediate(callback: (value: unknown) => void): void;
