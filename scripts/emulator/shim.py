"""MiniStack, with the resources of AWS Batch that its CloudFormation lacks.

A compute environment, a job queue and a job definition are kept as MiniStack's own Batch keeps them, with the resolved
properties of the template beside, as ``templateProperties``: whoever describes them can run jobs by them. MiniStack runs
none itself. CDK's own resource for the default security group of a VPC does nothing here: its function wants an SDK client that
the emulator does not have. It listens where BIND_HOST and GATEWAY_PORT say.
"""

from ministack.app import main
from ministack.core.responses import get_account_id, get_region
from ministack.services import batch
from ministack.services.cloudformation import provisioners


def arn(kind, name):
    return f"arn:aws:batch:{get_region()}:{get_account_id()}:{kind}/{name}"


def compute_environment(logical_id, properties, stack):
    name = properties.get("ComputeEnvironmentName") or f"{stack}-{logical_id}"
    ref = arn("compute-environment", name)
    batch._compute_envs[name] = {
        "computeEnvironmentName": name,
        "computeEnvironmentArn": ref,
        "state": properties.get("State", "ENABLED"),
        "status": "VALID",
        "templateProperties": properties,
    }
    return ref, {"ComputeEnvironmentArn": ref}


def job_queue(logical_id, properties, stack):
    name = properties.get("JobQueueName") or f"{stack}-{logical_id}"
    ref = arn("job-queue", name)
    batch._job_queues[name] = {
        "jobQueueName": name,
        "jobQueueArn": ref,
        "state": properties.get("State", "ENABLED"),
        "status": "VALID",
        "templateProperties": properties,
    }
    return ref, {"JobQueueArn": ref}


def job_definition(logical_id, properties, stack):
    name = properties.get("JobDefinitionName") or f"{stack}-{logical_id}"
    revisions = batch._job_definitions.setdefault(name, [])
    ref = arn("job-definition", f"{name}:{len(revisions) + 1}")
    revisions.append({
        "jobDefinitionName": name,
        "jobDefinitionArn": ref,
        "revision": len(revisions) + 1,
        "status": "ACTIVE",
        "type": "container",
        "templateProperties": properties,
    })
    return ref, {}


def default_group(logical_id, properties, stack):
    return f"{stack}-{logical_id}", {}


def remove(store):
    return lambda physical_id, properties: store.pop(physical_id.split("/")[-1].split(":")[0], None)


provisioners._RESOURCE_HANDLERS.update({
    "AWS::Batch::ComputeEnvironment": {"create": compute_environment, "delete": remove(batch._compute_envs)},
    "AWS::Batch::JobQueue": {"create": job_queue, "delete": remove(batch._job_queues)},
    "AWS::Batch::JobDefinition": {"create": job_definition, "delete": remove(batch._job_definitions)},
    "Custom::VpcRestrictDefaultSG": {"create": default_group, "delete": lambda physical_id, properties: None},
})

if __name__ == "__main__":
    main()
