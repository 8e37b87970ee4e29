export { fail, publish, run, serve, settle, stop, work } from './threads';
