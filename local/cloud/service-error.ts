/** The error answer of a service of the local cloud. */
export class ServiceError extends Error {
  /** The code in the API reference of the service. */
  override readonly name: string;
  readonly status: number;

  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}
