const { post } = require('../post.js');

exports.SFN = class {
  async startExecution(input) {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AWSStepFunctions.StartExecution' };
    return JSON.parse(await post('states', headers, JSON.stringify(input)));
  }
};
