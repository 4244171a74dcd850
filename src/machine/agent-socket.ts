import { isFdRef, type OptionValue, type Plan, type QemuOption } from '../plan/index.ts';

const AGENT_PORT = 'org.qemu.guest_agent.0';

/** The socket of the guest agent's virtio port, found in the options that QEMU was started with. */
export function agentSocket(plan: Plan): string | undefined {
  const port = plan.options.find(
    ({ option, value }) => option === '-device' && property(value, 'name') === AGENT_PORT,
  );
  const id = property(port?.value, 'chardev');
  const chardev = plan.options.find(
    (o: QemuOption) => o.option === '-chardev' && property(o.value, 'id') === id,
  );
  return id === undefined
    ? undefined
    : (property(chardev?.value, 'path') ?? listenerPath(plan, chardev?.value));
}

/** The path of the listening socket that QEMU got as a descriptor. */
function listenerPath(plan: Plan, value: OptionValue | undefined): string | undefined {
  const fd = value?.form === 'keys' ? value.keys.find(([key]) => key === 'fd')?.[1] : undefined;
  const listener = plan.host.find((h) => h.type === 'unix-listener' && isFdRef(fd) && h.fd === fd.fd);
  return listener?.type === 'unix-listener' ? listener.path : undefined;
}

function property(value: OptionValue | undefined, name: string): string | undefined {
  const found =
    value?.form === 'json'
      ? value.props[name]
      : value?.form === 'keys'
        ? value.keys.find(([key]) => key === name)?.[1]
        : undefined;
  return typeof found === 'string' ? found : undefined;
}
