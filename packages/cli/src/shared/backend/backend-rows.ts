import type { Backend } from '@resnet/backend';

/** What computes, and why it is none of the backends that `auto` prefers. */
export function backendRows({ device, passedOver }: Backend): [string, string][] {
  const isAbsent = ({ code }: Backend['passedOver'][number]) => code === 'BACKEND_MISSING';
  const absent = passedOver.filter(isAbsent).map(({ name }) => name);
  return [
    ['device', device],
    ...(absent.length > 0 ? [['', `not installed: ${absent.join(', ')}`] as [string, string]] : []),
    ...passedOver
      .filter((backend) => !isAbsent(backend))
      .map(({ name, reason }): [string, string] => ['', `not ${name}: ${reason}`]),
  ];
}
