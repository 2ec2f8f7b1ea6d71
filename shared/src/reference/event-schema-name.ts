/** An event type's name among the schemas of the API reference: `payment_completed` is `PaymentCompleted`. */
export const eventSchemaName = (type: string): string =>
  type.replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())
