/** What a secret is for (format: "Secret XML format"): it is found by this, or by its UUID. */
export interface SecretUsage {
  readonly type: SecretUsageType;
  /** A volume's path; a name of the user's choice with the others. */
  readonly name: string;
}

export type SecretUsageType = 'volume' | 'iscsi' | 'ceph' | 'tls' | 'vtpm';

/** What is known of a secret besides its value. */
export interface SecretDefinition {
  readonly uuid: string;
  /** Its value is kept in memory only, and is gone after a reboot. */
  readonly ephemeral: boolean;
  /** Its value is given to machines and never shown. */
  readonly isPrivate: boolean;
  readonly description?: string;
  readonly usage?: SecretUsage;
}
