/**
 * Domain XML as this program prints it, without passwords and cookies: what is copied into a ticket or a terminal that others
 * see has none (as `virsh dumpxml` without `--security-info`).
 */
export function withoutSecrets(xml: string): string {
  return xml
    .replace(/^(\s*<graphics(?: [\w:]+='[^']*')*?) passwd='[^']*'/gm, '$1')
    .replace(/^\s*<cookies>[\s\S]*?<\/cookies>\n/gm, '');
}
