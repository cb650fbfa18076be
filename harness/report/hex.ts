/** Addresses as text. */

/** 0x and eight digits. */
export const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;
