import type { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import {
  DUE_INDEX,
  SERIES_INDEX,
  SOURCE_STATE_INDEX,
  STATE_INDEX,
  STUDY_INDEX,
} from '../../functions/aws/table/keys.ts';
import type { FunctionName } from '../function-names.ts';
import { API, RECONCILE, SWEEP } from '../limits.ts';
import { Grants, type SharedResources } from './grants.ts';
import { PipelineFunction, type PipelineFunctionProps } from './pipeline-function.ts';

/** Properties that are the same for all functions. */
export type CommonFunctionProps = Pick<
  PipelineFunctionProps,
  'logRetention' | 'logEncryptionKey' | 'removalPolicy' | 'network' | 'tracing' | 'recursionControl'
>;

export interface PipelineFunctionsProps extends CommonFunctionProps {
  shared: SharedResources;
  codeFor: (name: FunctionName) => Code;
}

/**
 * The functions in the order of the data flow, each with its queue, its permissions and the queues to which it sends.
 */
export class PipelineFunctions extends Construct {
  readonly indexInstances: PipelineFunction;
  readonly checkCompletion: PipelineFunction;
  readonly compute: PipelineFunction;
  readonly pollResults: PipelineFunction;
  readonly sweep: PipelineFunction;
  readonly reconcile: PipelineFunction;
  readonly serveApi: PipelineFunction;

  constructor(scope: Construct, id: string, props: PipelineFunctionsProps) {
    super(scope, id);
    const { shared, codeFor, ...common } = props;
    const grants = new Grants(shared);

    this.indexInstances = new PipelineFunction(this, 'IndexInstances', {
      ...common,
      ...shared.ingestQueue.limits,
      description: 'Reads the headers of dropped objects into the table',
      code: codeFor('index-instances'),
    });
    grants.usesTable(this.indexInstances, [
      'GetItem',
      'BatchGetItem',
      'Query',
      'PutItem',
      'UpdateItem',
      'BatchWriteItem',
    ]);
    grants.readsDrops(this.indexInstances);
    grants.readsSources(this.indexInstances);
    grants.hashesPatients(this.indexInstances);
    grants.sendsTo(this.indexInstances, 'completion');
    grants.publishesEvents(this.indexInstances);
    grants.countsMetrics(this.indexInstances);
    grants.consumesQueue(this.indexInstances, shared.ingestQueue);

    this.checkCompletion = new PipelineFunction(this, 'CheckCompletion', {
      ...common,
      ...shared.completionQueue.limits,
      sendsToItself: true,
      description: 'Decides whether a series is complete',
      code: codeFor('check-completion'),
    });
    grants.usesTable(this.checkCompletion, [
      'GetItem',
      'BatchGetItem',
      'Query',
      'PutItem',
      'UpdateItem',
      'BatchWriteItem',
    ]);
    grants.readsDrops(this.checkCompletion);
    grants.readsIngestBacklog(this.checkCompletion);
    grants.readsSources(this.checkCompletion);
    grants.hashesPatients(this.checkCompletion);
    grants.sendsTo(this.checkCompletion, 'completion', 'compute');
    grants.publishesEvents(this.checkCompletion);
    grants.countsMetrics(this.checkCompletion);
    grants.consumesQueue(this.checkCompletion, shared.completionQueue);

    this.compute = new PipelineFunction(this, 'Compute', {
      ...common,
      ...shared.computeQueue.limits,
      sendsToItself: true,
      description: 'Uploads a series to Qure and makes the compute call',
      code: codeFor('compute'),
    });
    grants.usesTable(this.compute, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem']);
    grants.readsDrops(this.compute);
    grants.readsSources(this.compute);
    grants.readsCredentials(this.compute);
    grants.sendsTo(this.compute, 'completion', 'compute', 'results');
    grants.publishesEvents(this.compute);
    grants.countsMetrics(this.compute);
    grants.consumesQueue(this.compute, shared.computeQueue, shared.urgentComputeQueue);

    this.pollResults = new PipelineFunction(this, 'PollResults', {
      ...common,
      ...shared.resultsQueue.limits,
      sendsToItself: true,
      description: 'Fetches the findings of a series and stores them',
      code: codeFor('poll-results'),
    });
    grants.usesTable(this.pollResults, ['GetItem', 'BatchGetItem', 'Query', 'PutItem']);
    grants.readsResults(this.pollResults);
    grants.writesResults(this.pollResults);
    grants.tagsResults(this.pollResults);
    grants.readsSources(this.pollResults);
    grants.hashesPatients(this.pollResults);
    grants.readsCredentials(this.pollResults);
    grants.sendsTo(this.pollResults, 'compute', 'results');
    grants.publishesEvents(this.pollResults);
    grants.countsMetrics(this.pollResults);
    grants.consumesQueue(this.pollResults, shared.resultsQueue, shared.urgentResultsQueue);

    this.sweep = new PipelineFunction(this, 'Sweep', {
      ...common,
      ...SWEEP,
      description: 'Sends the messages of overdue series',
      code: codeFor('sweep'),
    });
    grants.usesTable(this.sweep, ['GetItem', 'PutItem', 'UpdateItem'], DUE_INDEX);
    grants.readsSources(this.sweep);
    grants.sendsTo(this.sweep, 'completion', 'compute', 'results');
    grants.publishesEvents(this.sweep);
    grants.countsMetrics(this.sweep);

    this.reconcile = new PipelineFunction(this, 'Reconcile', {
      ...common,
      ...RECONCILE,
      description: 'Compares the drop bucket with the index and what Qure has received',
      code: codeFor('reconcile'),
    });
    // By state: every series and every quarantine row, in their order.
    grants.usesTable(
      this.reconcile,
      ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'],
      STATE_INDEX,
      SOURCE_STATE_INDEX,
    );
    grants.readsDrops(this.reconcile);
    grants.readsIngestBacklog(this.reconcile);
    grants.readsSources(this.reconcile);
    grants.hashesPatients(this.reconcile);
    grants.sendsTo(this.reconcile, 'completion');
    grants.publishesEvents(this.reconcile);
    grants.countsMetrics(this.reconcile);

    this.serveApi = new PipelineFunction(this, 'ServeApi', {
      ...common,
      ...API,
      description: 'Answers the HTTP API (payload format 2.0)',
      code: codeFor('serve-api'),
    });
    grants.usesTable(
      this.serveApi,
      ['GetItem', 'BatchGetItem', 'Query', 'PutItem'],
      STATE_INDEX,
      SOURCE_STATE_INDEX,
      STUDY_INDEX,
      SERIES_INDEX,
    );
    grants.readsResults(this.serveApi);
    grants.linksUploads(this.serveApi);
    grants.readsSources(this.serveApi);
    grants.sendsTo(this.serveApi, 'compute');
    // After all others: it reads the dead letters of every queue that has a consumer.
    grants.redrivesDeadLetters(this.serveApi);
  }

  /** By the names of their folders. */
  get byName(): Readonly<Record<string, PipelineFunction>> {
    return {
      'index-instances': this.indexInstances,
      'check-completion': this.checkCompletion,
      compute: this.compute,
      'poll-results': this.pollResults,
      sweep: this.sweep,
      reconcile: this.reconcile,
      'serve-api': this.serveApi,
    };
  }
}
