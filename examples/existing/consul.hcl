# What Consul on a laptop needs beside -dev: ACL that refuses by default. The token is for a laptop only.
acl {
  enabled        = true
  default_policy = "deny"
  tokens {
    initial_management = "11111111-2222-3333-4444-555555555555"
    agent              = "11111111-2222-3333-4444-555555555555"
  }
}
