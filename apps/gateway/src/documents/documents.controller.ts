import { Controller, Get, Header } from '@nestjs/common';
import { API_VERSION, asyncApiDocument, openApiDocument } from '@tallyward/contracts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** What the public surface is, for programs: made once, from the schemas that the code uses. */
@Controller()
export class DocumentsController {
  private readonly openApi = JSON.stringify(openApiDocument(API_VERSION));
  private readonly asyncApi = JSON.stringify(asyncApiDocument(API_VERSION));

  @Get('openapi.json')
  @Header('content-type', JSON_TYPE)
  openapi(): string {
    return this.openApi;
  }

  @Get('asyncapi.json')
  @Header('content-type', JSON_TYPE)
  asyncapi(): string {
    return this.asyncApi;
  }
}
