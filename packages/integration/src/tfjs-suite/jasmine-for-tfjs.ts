import jasmineCore from 'jasmine-core';

/** tfjs's test helpers want the entry of an older jasmine-core, and only to set the time limit of a test. */
export const core = () => jasmineCore.jasmine;
