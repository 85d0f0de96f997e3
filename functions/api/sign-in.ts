/** How people sign in to the page of a deployment; `infra/` writes it into the variable of the function, which the handler reads. */
export interface SignIn {
  /** As `iss` of every token says it. */
  issuer: string;
  clientId: string;
  scopes: readonly string[];
  /** The claim that lists the roles. */
  rolesClaim: string;
  /** The claim whose text is shown as the name of the person. @default none: the subject alone */
  nameClaim?: string;
  /** Origins of the provider besides that of the issuer, to which the page has to connect. */
  origins?: readonly string[];
}
