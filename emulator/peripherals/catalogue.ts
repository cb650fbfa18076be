/** Every type of peripheral that a profile can name. */
import type { PeripheralType } from '../ports.js';
import { cmsdkTimer } from './cmsdk-timer.js';
import { cmsdkUart } from './cmsdk-uart.js';
import { constantRegisters } from './constant-registers.js';
import { stm32Crc } from './stm32-crc.js';
import { stm32Dmamux } from './stm32-dmamux.js';
import { stm32Exti } from './stm32-exti.js';
import { stm32Flash } from './stm32-flash.js';
import { stm32Gpio } from './stm32-gpio.js';
import { stm32Iwdg } from './stm32-iwdg.js';
import { stm32Rng } from './stm32-rng.js';
import { stm32Syscfg } from './stm32-syscfg.js';
import { stm32Timer } from './stm32-timer.js';
import { stm32Usart } from './stm32-usart.js';
import { stm32f4Dma } from './stm32f4-dma.js';
import { stm32f4Pwr } from './stm32f4-pwr.js';
import { stm32f4Rcc } from './stm32f4-rcc.js';
import { stm32f4Usart } from './stm32f4-usart.js';
import { stm32l4Dma } from './stm32l4-dma.js';
import { stm32l4Pwr } from './stm32l4-pwr.js';
import { stm32l4Rcc } from './stm32l4-rcc.js';

export const peripheralTypes: readonly PeripheralType[] = [
  cmsdkTimer,
  cmsdkUart,
  constantRegisters,
  stm32Crc,
  stm32Dmamux,
  stm32Exti,
  stm32Flash,
  stm32Gpio,
  stm32Iwdg,
  stm32Rng,
  stm32Syscfg,
  stm32Timer,
  stm32Usart,
  stm32f4Dma,
  stm32f4Pwr,
  stm32f4Rcc,
  stm32f4Usart,
  stm32l4Dma,
  stm32l4Pwr,
  stm32l4Rcc,
];
