"""JupyterHub for a class on one server: docs/jupyterhub.md explains it, tests/test_jupyterhub.py runs it.

Start it as root, in the folder that shall hold the hub's database:
`jupyterhub -f /opt/shared-features/docs/jupyterhub/jupyterhub_config.py`
"""

import os
from pathlib import Path

c = get_config()  # noqa: F821 (JupyterHub gives it)
HERE = Path(__file__).resolve().parent
INSTRUCTORS = set(os.environ.get("KIT_INSTRUCTORS", "instructor").split(","))

# Who may come in. Accounts of the machine (PAM) are the simplest that is safe; GitHub, Google, or your institution's
# single sign-on: https://oauthenticator.readthedocs.io. Never DummyAuthenticator on a machine that others can reach.
c.JupyterHub.authenticator_class = "pam"
c.Authenticator.allow_all = True  # everybody with an account here; else c.Authenticator.allowed_users = {...}
c.Authenticator.admin_users = set()  # an instructor needs no power over the hub
c.PAMAuthenticator.open_sessions = False

# One process for each person, under that person's account of the machine: the file system keeps them apart.
c.JupyterHub.spawner_class = "localprocess"
c.JupyterHub.bind_url = "http://127.0.0.1:8000"  # behind nginx or Caddy, which speak https to the world
c.JupyterHub.cookie_max_age_days = 1
c.Spawner.default_url = "/lab"
c.Spawner.start_timeout = 120
c.Spawner.args = ["--ServerApp.shutdown_no_activity_timeout=7200", "--MappingKernelManager.cull_idle_timeout=3600"]


def settings(spawner) -> str:
    """Folders of Jupyter's settings: an instructor has formgrader, a student does not."""
    return f"{HERE / ('instructors' if spawner.user.name in INSTRUCTORS else 'students')}:{HERE / 'everybody'}"


c.Spawner.environment = {
    "JUPYTER_CONFIG_PATH": settings,
    "KIT_EXCHANGE": os.environ.get("KIT_EXCHANGE", "/srv/shared-features/exchange"),
    "OMP_NUM_THREADS": "1",  # a class shares the cores
    "OMP_WAIT_POLICY": "PASSIVE",
}
