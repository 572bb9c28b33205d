"""Pure functions from the bytes of an answer to a model.

Each of them is total: any bytes in, a model or one `EnvoyResponseError` out.
"""
