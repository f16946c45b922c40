export { EventRecorder } from './event-recorder.ts'
export { FakeClock } from './fake-clock.ts'
export { LogRecorder, type LogLine } from './log-recorder.ts'
export { ScriptedService, type Script } from './scripted-service.ts'
export { stateStoreContract, type StateStoreContract } from './state-store-contract.ts'
export {
  serviceContract,
  type ContractRunner,
  type ServiceContract,
  type ServiceHarness,
} from './service-contract.ts'
