"""The reference journey in SpiffWorkflow, saved where it waits. Run by `peers`, in a Python that has `SpiffWorkflow`.

Each workflow is kept as its serializer's JSON in a table; so many share a commit as the third argument says. It says "ready" when it has
started, begins at a line on its standard input, and prints wall and CPU seconds of its process.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.serializer.workflow import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

PROCESS = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d"
  targetNamespace="http://bpmn.io/schema/bpmn">
 <bpmn:process id="journey" isExecutable="true">
  <bpmn:startEvent id="start"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
  <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="branch"/>
  <bpmn:exclusiveGateway id="branch" default="f3"><bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing>
   <bpmn:outgoing>f3</bpmn:outgoing></bpmn:exclusiveGateway>
  <bpmn:sequenceFlow id="f2" sourceRef="branch" targetRef="wait_a">
   <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">level == "vip"</bpmn:conditionExpression></bpmn:sequenceFlow>
  <bpmn:sequenceFlow id="f3" sourceRef="branch" targetRef="wait_b"/>
  <bpmn:intermediateCatchEvent id="wait_a"><bpmn:incoming>f2</bpmn:incoming><bpmn:outgoing>f4</bpmn:outgoing><bpmn:timerEventDefinition id="t1">
   <bpmn:timeDuration xsi:type="bpmn:tFormalExpression">"PT0.001S"</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
  <bpmn:intermediateCatchEvent id="wait_b"><bpmn:incoming>f3</bpmn:incoming><bpmn:outgoing>f5</bpmn:outgoing><bpmn:timerEventDefinition id="t2">
   <bpmn:timeDuration xsi:type="bpmn:tFormalExpression">"PT0.001S"</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
  <bpmn:sequenceFlow id="f4" sourceRef="wait_a" targetRef="send_a"/>
  <bpmn:sequenceFlow id="f5" sourceRef="wait_b" targetRef="send_b"/>
  <bpmn:scriptTask id="send_a"><bpmn:incoming>f4</bpmn:incoming><bpmn:outgoing>f6</bpmn:outgoing><bpmn:script>template = "a"</bpmn:script>
  </bpmn:scriptTask>
  <bpmn:scriptTask id="send_b"><bpmn:incoming>f5</bpmn:incoming><bpmn:outgoing>f7</bpmn:outgoing><bpmn:script>template = "b"</bpmn:script>
  </bpmn:scriptTask>
  <bpmn:sequenceFlow id="f6" sourceRef="send_a" targetRef="end"/>
  <bpmn:sequenceFlow id="f7" sourceRef="send_b" targetRef="end"/>
  <bpmn:endEvent id="end"><bpmn:incoming>f6</bpmn:incoming><bpmn:incoming>f7</bpmn:incoming></bpmn:endEvent>
 </bpmn:process>
</bpmn:definitions>"""


class Peer:
    """One worker of it on one connection."""

    def __init__(self, url: str, batch: int) -> None:
        self.batch = batch
        with tempfile.NamedTemporaryFile("w", suffix=".bpmn") as file:
            Path(file.name).write_text(PROCESS, encoding="utf-8")
            parser = BpmnParser()
            parser.add_bpmn_file(file.name)
            self.spec: Any = parser.get_spec("journey")
        self.serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
        self.connection = psycopg.connect(url)

    def begin(self, customers: range) -> None:
        """Up to the wait, and saved there."""
        rows = self.connection.execute(
            "select id, level from peer_customer where id = any(%s)", (list(customers),)
        ).fetchall()
        for customer, level in rows:
            workflow = BpmnWorkflow(self.spec)
            workflow.set_data(level=level, customer=customer)
            workflow.get_next_task().data.update(level=level)
            workflow.do_engine_steps()
            self.connection.execute(
                "insert into peer_workflow (id, state, wake_at) values (%s, %s, now() + interval '1 ms')",
                (customer, self.serializer.serialize_json(workflow)),
            )
        self.connection.commit()

    def resume(self) -> int:
        """Whose wait is over goes on to the end: its message is written as it is taken away. Returns how many."""
        rows = self.connection.execute(
            "select id, state from peer_workflow where wake_at <= now() order by wake_at limit %s for update skip locked",
            (self.batch,),
        ).fetchall()
        for customer, state in rows:
            workflow = self.serializer.deserialize_json(state)
            workflow.refresh_waiting_tasks()
            workflow.do_engine_steps()
            assert workflow.is_completed(), customer
            self.connection.execute(
                "insert into peer_message (customer_id, template) values (%s, %s)",
                (customer, workflow.data["template"]),
            )
            self.connection.execute("delete from peer_workflow where id = %s", (customer,))
        self.connection.commit()
        return len(rows)

    def work(self, customers: range) -> None:
        left = len(customers)
        for first in range(customers.start, customers.stop, self.batch):
            self.begin(range(first, min(first + self.batch, customers.stop)))
        while left:
            left -= self.resume()


def main(url: str, n: int, batch: int) -> None:
    peer = Peer(url, batch)
    peer.work(range(n + 1, n + 21))
    print("ready", flush=True)
    sys.stdin.readline()
    began, spent = time.perf_counter(), time.process_time()
    peer.work(range(1, n + 1))
    print(json.dumps({"wall": time.perf_counter() - began, "own": time.process_time() - spent}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
