"""The function of sam/python, and what else can come of an invocation."""

import os
import time

import app


def handler(event, context):
    result = app.handler(event, context)
    end = event.get("end")
    if end == "error":
        raise ValueError("no such order")
    if end == "hang":
        time.sleep(3600)
    if end == "exit":
        os._exit(1)
    return result
