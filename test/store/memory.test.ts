import { describe } from 'vitest'
import { createMemoryStore } from '../../src/store/memory.ts'
import { storeConformance } from '../conformance/store.ts'

describe('the in-memory store', () => {
  storeConformance(createMemoryStore)
})
