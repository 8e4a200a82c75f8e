// What a page tells when the product refuses, answers nonsense, or is not there.
import { afterAll, expect, test } from "vitest";
import { syncPictures } from "../../../infra/local/sync-pictures.ts";
import { startProductDouble } from "./product-double.ts";

const product = await startProductDouble();
afterAll(() => product.close());

test("a refusal without a problem's text is told by its status", async () => {
  for (const body of ["", "<html>", "{}", '{"title":""}']) {
    product.answer = { status: 503, body };
    expect(await syncPictures(product.url)).toEqual({ status: 503, message: "Status 503" });
  }
});

test("silence is told, not thrown", async () => {
  const gone = await startProductDouble();
  await gone.close();
  expect(await syncPictures(gone.url)).toEqual({
    status: 502,
    message: "The sync did not answer.",
  });
});
