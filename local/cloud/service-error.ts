/** What a service of the local cloud answers instead of a result. */
export class ServiceError extends Error {
  /** As the API reference of the service names it. */
  override readonly name: string;
  readonly status: number;

  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}
