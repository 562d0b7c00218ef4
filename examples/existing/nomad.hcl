# What Nomad on a laptop needs beside -dev: ACL, and identities of workloads for Vault and Consul.
acl {
  enabled = true
}

vault {
  enabled               = true
  address               = "http://127.0.0.1:8200"
  jwt_auth_backend_path = "jwt-nomad"
  create_from_role      = "nomad-workloads"
  default_identity {
    aud = ["vault.io"]
    ttl = "1h"
    extra_claims {
      unique_id = "${job.region}:${job.namespace}:${job.id}"
    }
  }
}

consul {
  address             = "127.0.0.1:8500"
  token               = "11111111-2222-3333-4444-555555555555"
  service_auth_method = "nomad-workloads"
  task_auth_method    = "nomad-workloads"
  service_identity {
    aud = ["consul.io"]
    ttl = "1h"
  }
  task_identity {
    aud = ["consul.io"]
    ttl = "1h"
  }
}
