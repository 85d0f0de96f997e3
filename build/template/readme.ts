/** The page beside the template: three commands, and where the rest is said. */
export function templateReadme(stackName: string, appName: string): string {
  return `# qure-dropoff for CloudFormation

The stack of qure-dropoff as a template. It needs version 2 of the AWS CLI, and a bucket of yours in the region of the stack for
the code. The person who deploys needs \`s3:GetObject\` on it.

    aws s3 cp functions/ s3://BUCKET/qure-dropoff/ --recursive
    aws cloudformation deploy --stack-name ${stackName} --template-file template.json \\
      --s3-bucket BUCKET --s3-prefix qure-dropoff --capabilities CAPABILITY_IAM \\
      --parameter-overrides CodeBucket=BUCKET CodePrefix=qure-dropoff/
    aws secretsmanager put-secret-value --secret-id ${appName}/SOURCE --secret-string file://credentials.json

SOURCE is \`default\`, or each source of the sources file that the template was made with. \`credentials.json\` holds
\`{"baseUrl": "https://…", "token": "…", "source": "…"}\` as Qure issued them.

To upgrade, repeat the first two commands with the new files. Everything else, also how to drop a first scan and how to remove the
stack, is in docs/deployment.md of the repository.
`;
}
