export { createGateway, type GatewayParts } from './gateway';
export { gatewayEnvironment, type GatewayEnvironment } from './environment';
