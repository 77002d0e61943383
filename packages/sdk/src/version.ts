/** The version of this package. */
export const VERSION = "0.1.0";
/** The version as the protocol writes it. */
export const BUILD_NUMBER = "0001000";
