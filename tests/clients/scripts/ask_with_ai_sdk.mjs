import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { streamText } from "ai";

const [baseURL, apiKey, model, prompt] = process.argv.slice(2);
const provider = createOpenAICompatible({ name: "chat", baseURL, apiKey, includeUsage: true });
console.log(await streamText({ model: provider(model), prompt, maxRetries: 0 }).text);
