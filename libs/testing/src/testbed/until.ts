export { StillWaiting, until, UNTIL_MS, untilSeen, type Until } from '@tallyward/local';
