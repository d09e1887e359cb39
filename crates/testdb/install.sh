#!/bin/sh
# Installs PostgreSQL's server on Debian and its kin, for the tests alone: no cluster of the system is made or started.
set -e
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends postgresql-common
clusters=/etc/postgresql-common/createcluster.conf
# Whoever has clusters already keeps what is said here.
if [ -z "$(ls -A /etc/postgresql 2>/dev/null)" ]; then
  sed -i 's/^#\{0,1\}create_main_cluster.*/create_main_cluster = false/' "$clusters"
fi
apt-get install -y -qq --no-install-recommends postgresql
