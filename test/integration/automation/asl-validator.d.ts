declare module 'asl-validator' {
  /** What is wrong with a definition in the Amazon States Language. */
  export default function validate(definition: object): { isValid: boolean; errors: unknown[] };
}
