/** What `GET /console/config.json` answers: what the page has to know before it shows anything. */
export interface ConsoleConfig {
  version: string;
  /** The Qure that answers, as a person reads it; missing in the cloud, where each source has its own. */
  qure?: string;
  /** For whom the bundled simulator answers instead of Qure: nothing of them is a finding. */
  simulated?: { everything: boolean; sources: readonly string[] };
  /** Where people sign in, and as which application; missing without sign-in. */
  signIn?: { issuer: string; clientId: string; scopes: readonly string[] };
  /** The deployment shows patients to who may see them; missing where it does not. */
  phi?: 'show';
  /** AWS bills the deployment: there is a cost of the month. Missing on one machine. */
  isBilled?: true;
  /** A command that drops a scan from another program. */
  dropCommand?: string;
}
