"""JupyterLab without a pause before each picture."""

from collections.abc import Awaitable

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """Sends each message to the browser at once.

    By default a small message ("busy") is on its way when the picture follows, and Nagle's algorithm
    holds the picture back until the browser has acknowledged it: about 30 ms, at every step of a slider.
    `jupyter_server_config.json` names this class; set-up copies it to where the server looks.
    """

    def connect(self) -> Awaitable[None]:
        """Open the connection, with TCP_NODELAY."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
