/** Exit statuses of the commands, as 3.0.6 has them (directives 3, tools 1). */
export const EXIT = {
  ok: 0,
  generic: 1,
  usage: 2,
  permission: 4,
  configuration: 6,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];
