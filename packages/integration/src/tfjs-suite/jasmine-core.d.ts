/** What is used here of jasmine-core, which brings no types. */
declare module 'jasmine-core' {
  export interface Outcome {
    id: string;
    fullName: string;
    status: 'passed' | 'failed' | 'pending' | 'excluded';
    failedExpectations: { message: string }[];
  }

  /** A group of tests, or a test, which has no children. */
  export interface Suite {
    id: string;
    children?: Suite[];
    getFullName(): string;
  }

  interface Settings {
    random: boolean;
    forbidDuplicateNames: boolean;
    specFilter(spec: Suite): boolean;
  }

  interface Environment {
    configure(settings: Settings): void;
    addReporter(reporter: { specDone(outcome: Outcome): void; suiteDone(outcome: Outcome): void }): void;
    topSuite(): Suite;
    execute(): Promise<unknown>;
  }

  const jasmineCore: {
    jasmine: { DEFAULT_TIMEOUT_INTERVAL: number; getEnv(): Environment };
    installGlobals(): void;
  };
  export default jasmineCore;
}
