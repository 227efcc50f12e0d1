import { memoryLedger } from '../../engine/ledger';
import { describeLedger } from '../suites/ledger';

describeLedger('the memory of a process', () => memoryLedger());
