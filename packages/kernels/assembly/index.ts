export { fail, publish, rest, run, serve, settle, stop, work } from './threads';
