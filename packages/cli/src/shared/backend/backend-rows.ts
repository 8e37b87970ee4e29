import type { Backend } from '@resnet/backend';
import type { Row } from '../terminal/print.js';

/** The device that computes, and why it is none of the backends that `auto` prefers. */
export function backendRows({ device, passedOver }: Backend): Row[] {
  const isAbsent = ({ code }: Backend['passedOver'][number]) => code === 'BACKEND_MISSING';
  const absent = passedOver.filter(isAbsent).map(({ name }) => name);
  const others = passedOver.filter((backend) => !isAbsent(backend));
  return [
    ['device', device],
    ['', absent.length > 0 ? `not installed: ${absent.join(', ')}` : undefined],
    ['', others.map(({ name, reason }) => `not ${name}: ${reason}`)],
  ];
}
